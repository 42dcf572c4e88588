"""Training and loading text models, and assessing ideas anew with them."""
