"""Lifetimes of pinned walls: rates, the Neel-Brown law, and its prediction."""
