"""What is stored, a module for each part of the product; `shared.documents` has the rest and lists every collection."""
