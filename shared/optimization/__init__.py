"""How hard the product tries to be cheap and quick (levels). Pure."""
