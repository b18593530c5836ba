-- A small database of the kind this example assumes. The tables are made up, see the README.
CREATE TABLE relatie (
  relatienummer INTEGER PRIMARY KEY, voornaam TEXT, tussenvoegsel TEXT, achternaam TEXT NOT NULL, geboortedatum DATE,
  straat TEXT, postcode TEXT, plaats TEXT, email TEXT, telefoon TEXT, overleden BOOLEAN NOT NULL DEFAULT 0,
  nieuwsbrief TEXT CHECK (nieuwsbrief IN ('ja', 'nee')), nieuwsbrief_datum DATETIME, gewijzigd_op DATETIME NOT NULL,
  verwijderd BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE lidmaatschap (
  nummer INTEGER PRIMARY KEY, relatienummer INTEGER NOT NULL REFERENCES relatie, soort TEXT NOT NULL, ingang DATE NOT NULL, einde DATE);
CREATE TABLE gift (
  nummer INTEGER PRIMARY KEY, relatienummer INTEGER NOT NULL REFERENCES relatie, bedrag DECIMAL(10, 2) NOT NULL, datum DATE NOT NULL,
  bestemming TEXT, status TEXT NOT NULL CHECK (status IN ('ontvangen', 'toegezegd', 'gestorneerd')), gewijzigd_op DATETIME NOT NULL);
INSERT INTO relatie VALUES
  (1, 'Anna', NULL, 'Bakker', '1958-04-02', 'Kerkstraat 1', '3511 AB', 'Utrecht', 'anna.bakker@example.com', '06-12345671', 0, 'ja', '2024-02-01 10:00:00', '2025-01-10 10:00:00', 0),
  (2, 'Bram', 'van de', 'Visser', NULL, 'Dorpsweg 22', '8601 CD', 'Sneek', 'bram.visser@example.org', NULL, 0, 'nee', '2024-12-01 10:00:00', '2024-12-01 10:00:00', 0),
  (3, 'Cato', NULL, 'Smit', '1931-10-09', 'Lindelaan 3', '2611 EF', 'Delft', NULL, NULL, 1, NULL, NULL, '2024-11-03 09:00:00', 0),
  (4, 'Daan', NULL, 'Vos', NULL, NULL, NULL, NULL, 'daan.vos@example.net', NULL, 0, NULL, NULL, '2023-05-05 09:00:00', 0),
  (5, 'Eva', 'de', 'Groot', '1990-01-30', 'Havenkade 9', '9711 GH', 'Groningen', 'eva.degroot@example.com', NULL, 0, 'ja', '2025-03-03 12:00:00', '2025-03-03 12:00:00', 0);
INSERT INTO lidmaatschap VALUES (10, 1, 'lid', '2015-01-01', NULL), (11, 2, 'lid', '2018-01-01', '2023-12-31'), (12, 5, 'vriend', '2025-03-03', NULL);
INSERT INTO gift VALUES
  (100, 1, 50.00, '2025-02-14', 'algemeen', 'ontvangen', '2025-02-14 12:00:00'),
  (101, 1, 25.50, '2024-12-20', 'noodhulp', 'ontvangen', '2024-12-20 12:00:00'),
  (102, 2, 100.00, '2025-01-05', 'algemeen', 'ontvangen', '2025-01-05 12:00:00'),
  (103, 3, 75.00, '2024-10-01', 'algemeen', 'ontvangen', '2024-10-01 12:00:00'),
  (104, 4, 10.00, '2025-04-01', 'algemeen', 'toegezegd', '2025-04-01 12:00:00'),
  (105, 5, 30.00, '2025-03-20', 'algemeen', 'gestorneerd', '2025-04-02 12:00:00');
