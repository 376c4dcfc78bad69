"""Seeded corridor traffic: trains, feeder lots, storms, carriers' habits and wrong data.

What happens (`world`) and what is said about it (`saying`) draw from generators of their own, so the same
seed gives the same truth whatever the carriers get wrong. Simulated figures are estimates for tests and
demonstrations, never evidence about a real corridor.
"""
