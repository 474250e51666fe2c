"""What the merchant sees: wording by key in two languages, the look of each screen, the menu tree and pure editors."""
