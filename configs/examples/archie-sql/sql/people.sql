-- What jobs/archie.yaml knows a person by. Put your own tables and columns here and keep the names behind AS.
SELECT r.relatienummer AS id, r.voornaam AS first_name, r.tussenvoegsel AS surname_prefix, r.achternaam AS last_name,
       r.geboortedatum AS birth_date, r.straat AS street, r.postcode AS postcode, r.plaats AS city,
       r.email AS email, r.telefoon AS phone, r.overleden AS deceased,
       r.nieuwsbrief AS newsletter, r.nieuwsbrief_datum AS newsletter_at, r.gewijzigd_op AS changed_at, r.verwijderd AS deleted,
       (SELECT l.soort FROM lidmaatschap l
         WHERE l.relatienummer = r.relatienummer AND l.einde IS NULL ORDER BY l.ingang DESC LIMIT 1) AS membership,
       (SELECT MAX(g.datum) FROM gift g WHERE g.relatienummer = r.relatienummer AND g.status = 'ontvangen') AS last_gift_on
FROM relatie r
