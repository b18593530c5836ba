-- A gift a row. Put your own tables and columns here and keep the names behind AS.
SELECT g.nummer AS id, g.relatienummer AS person_id, g.bedrag AS amount, g.datum AS given_on, g.bestemming AS fund,
       g.status AS status, g.gewijzigd_op AS changed_at
FROM gift g
