"""From examples to one linear score per framework, chosen by held-out predictions."""
