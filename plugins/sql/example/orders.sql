-- One row an order; the connector adds order, place and limit.
SELECT o.id, o.customer_id, o.created_at, o.updated_at, o.state, o.total, o.currency
FROM orders o
WHERE o.customer_id IS NOT NULL
