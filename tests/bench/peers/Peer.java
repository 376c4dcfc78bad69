import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The transport job (tests/bench/peers/job.py) on Kafka Streams: one stream thread, at least once.
 *
 * In its favour: stores in memory with a cache of 64 MiB (one changelog record per changed row and commit, as the
 * tracker writes one per batch), Jackson's readers and writers made once, rows as plain bytes by ByteBuffer rather than
 * as JSON, large polls, and a producer that waits 20 ms for batches of 512 KiB.
 */
public final class Peer {
    static final String REPORTS = "rail.movements";
    static final String FACTS = "rail.facts";
    static final String BOXES = "boxes";
    static final String CORRIDORS = "corridors";

    static final ObjectMapper JSON =
        new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
    static final ObjectReader READ_REPORT = JSON.readerFor(Report.class);
    static final ObjectReader READ_FACT = JSON.readerFor(Fact.class);
    static final ObjectWriter WRITE_FACT = JSON.writerFor(Fact.class);

    public static final class Report {
        public String container;
        public String kind;
        public String node;
        public long occurred = -1;
        public long recorded = -1;
        public String corridor;
        public String carrier;
        public String id;
        public String train;
        public String wagon;
        public String consignment_note;
        public int gross_kg = -1;
        public Boolean laden;

        private static final Pattern NUMBER = Pattern.compile("[A-Z]{3}U[0-9]{7}");
        private static final Set<String> KINDS =
            Set.of("gate_in", "loaded", "departed", "arrived", "passed", "unloaded", "gate_out");

        private static boolean isName(String text) {
            return text != null && text.length() >= 2 && text.length() <= 40;
        }

        boolean isValid() {
            return container != null && NUMBER.matcher(container).matches() && kind != null && KINDS.contains(kind)
                && isName(node) && occurred >= 0 && recorded >= 0 && isName(corridor) && isName(carrier) && isName(id)
                && isName(train) && isName(wagon) && isName(consignment_note)
                && gross_kg >= 0 && gross_kg <= 60_000 && laden != null;
        }
    }

    public static final class Fact {
        public String corridor;
        public String container;
        public String origin;
        public String destination;
        public long millis;
    }

    /** Reports to facts. A row: the count, then up to ten positions, each a time, a length and the node's name. */
    static final class Boxes implements Processor<byte[], byte[], byte[], byte[]> {
        private ProcessorContext<byte[], byte[]> context;
        private KeyValueStore<byte[], byte[]> rows;

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            this.rows = context.getStateStore(BOXES);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            Report report;
            try {
                report = READ_REPORT.readValue(record.value());
            } catch (IOException wrong) {
                return;
            }
            if (!report.isValid()) {
                return;
            }
            int count = 0;
            String[] nodes = new String[11];
            long[] times = new long[11];
            int held = 0;
            byte[] body = rows.get(record.key());
            if (body != null) {
                ByteBuffer from = ByteBuffer.wrap(body);
                count = from.getInt();
                while (from.hasRemaining()) {
                    times[held] = from.getLong();
                    byte[] name = new byte[from.get()];
                    from.get(name);
                    nodes[held++] = new String(name, StandardCharsets.ISO_8859_1);
                }
            }
            if (held > 0 && !nodes[held - 1].equals(report.node)) {
                Fact fact = new Fact();
                fact.corridor = report.corridor;
                fact.container = report.container;
                fact.origin = nodes[held - 1];
                fact.destination = report.node;
                fact.millis = report.occurred - times[held - 1];
                try {
                    byte[] key = fact.corridor.getBytes(StandardCharsets.UTF_8);
                    context.forward(new Record<>(key, WRITE_FACT.writeValueAsBytes(fact), record.timestamp()));
                } catch (IOException fault) {
                    throw new IllegalStateException(fault);
                }
            }
            nodes[held] = report.node;
            times[held++] = report.occurred;
            int first = held > 10 ? 1 : 0;
            ByteBuffer to = ByteBuffer.allocate(4 + (held - first) * 49);
            to.putInt(count + 1);
            for (int each = first; each < held; each++) {
                byte[] name = nodes[each].getBytes(StandardCharsets.ISO_8859_1);
                to.putLong(times[each]).put((byte) name.length).put(name);
            }
            byte[] row = new byte[to.position()];
            to.flip().get(row);
            rows.put(record.key(), row);
        }
    }

    /** Facts to sums. A row: number, sum, least, most. */
    static final class Corridors implements Processor<byte[], byte[], Void, Void> {
        private KeyValueStore<byte[], byte[]> rows;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            this.rows = context.getStateStore(CORRIDORS);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            long millis;
            try {
                millis = READ_FACT.<Fact>readValue(record.value()).millis;
            } catch (IOException fault) {
                throw new IllegalStateException(fault);
            }
            byte[] body = rows.get(record.key());
            ByteBuffer from = body == null ? null : ByteBuffer.wrap(body);
            long count = from == null ? 0 : from.getLong();
            long sum = from == null ? 0 : from.getLong();
            long least = from == null ? 1L << 62 : from.getLong();
            long most = from == null ? 0 : from.getLong();
            ByteBuffer to = ByteBuffer.allocate(32);
            to.putLong(count + 1).putLong(sum + millis).putLong(Math.min(least, millis)).putLong(Math.max(most, millis));
            rows.put(record.key(), to.array());
        }
    }

    public static void main(String[] arguments) {
        Map<String, String> given = System.getenv();
        Properties set = new Properties();
        set.put("application.id", given.get("BENCH_APP"));
        set.put("bootstrap.servers", given.get("BENCH_BROKERS"));
        set.put("state.dir", given.get("BENCH_FOLDER"));
        set.put("num.stream.threads", "1");
        set.put("processing.guarantee", "at_least_once");
        set.put("commit.interval.ms", "500");
        set.put("statestore.cache.max.bytes", String.valueOf(64 << 20));
        set.put("consumer.auto.offset.reset", "earliest");
        set.put("consumer.max.poll.records", "10000");
        set.put("consumer.max.partition.fetch.bytes", String.valueOf(1 << 20));
        set.put("restore.consumer.max.poll.records", "10000");
        set.put("restore.consumer.max.partition.fetch.bytes", String.valueOf(1 << 20));
        set.put("buffered.records.per.partition", "10000");
        set.put("producer.acks", "all");
        set.put("producer.linger.ms", "20");
        set.put("producer.batch.size", String.valueOf(512 << 10));
        set.put("producer.compression.type", "none");
        set.put("producer.buffer.memory", String.valueOf(64 << 20));

        boolean onDisk = "rocksdb".equals(given.get("BENCH_STORE"));
        StreamsBuilder builder = new StreamsBuilder();
        for (String name : new String[] {BOXES, CORRIDORS}) {
            builder.addStateStore(
                Stores.keyValueStoreBuilder(
                        onDisk ? Stores.persistentKeyValueStore(name) : Stores.inMemoryKeyValueStore(name),
                        Serdes.ByteArray(), Serdes.ByteArray())
                    .withCachingEnabled());
        }
        Consumed<byte[], byte[]> read = Consumed.with(Serdes.ByteArray(), Serdes.ByteArray());
        KStream<byte[], byte[]> facts = builder.stream(REPORTS, read).process(Boxes::new, BOXES);
        facts.to(FACTS, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        builder.stream(FACTS, read).process(Corridors::new, CORRIDORS);

        KafkaStreams streams = new KafkaStreams(builder.build(), set);
        long[] restored = new long[2];
        streams.setGlobalStateRestoreListener(new Restored(restored));
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                System.out.println("ready");
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    /** Says how many records of changelogs were restored, and in how many milliseconds from the first to the last. */
    record Restored(long[] seen) implements org.apache.kafka.streams.processor.StateRestoreListener {
        @Override
        public void onRestoreStart(
            org.apache.kafka.common.TopicPartition changelog, String store, long from, long to) {
            if (seen[0] == 0) {
                seen[0] = System.currentTimeMillis();
            }
        }

        @Override
        public void onBatchRestored(
            org.apache.kafka.common.TopicPartition changelog, String store, long end, long count) {}

        @Override
        public void onRestoreEnd(org.apache.kafka.common.TopicPartition changelog, String store, long count) {
            seen[1] += count;
            System.out.println("restored " + seen[1] + " in " + (System.currentTimeMillis() - seen[0]) + " ms");
        }
    }
}
