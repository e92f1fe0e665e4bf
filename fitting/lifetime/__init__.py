"""How long pinned walls stay: rates, the Neel-Brown law, and its prediction."""
