-- Who has the same address or number as somebody whom a till has entered.
CREATE INDEX customers_by_email ON customers (email COLLATE NOCASE);
CREATE INDEX customers_by_phone ON customers (phone);
