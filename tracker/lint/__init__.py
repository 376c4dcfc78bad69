"""`tracker lint`: what the tracker would say of a file of reports or a table, without sending anything."""
