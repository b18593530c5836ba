// What jsforce, the community's client for Salesforce, makes of the stand-in. Prints one JSON object.
import jsforce from "jsforce";

const [, , instanceUrl, accessToken] = process.argv;
const connection = new jsforce.Connection({ instanceUrl, accessToken, version: "62.0" });
const seen = {};
const outcomes = (results) => results.map((one) => (one.success ? "done" : one.errors[0].statusCode));

seen.described = (await connection.sobject("Contact").describe()).fields.find((field) => field.name === "Rondom_Id__c").externalId;
const pages = await connection.query("SELECT Id, LastName FROM Contact ORDER BY Id", { autoFetch: true, maxFetch: 10000 });
seen.found = new Set(pages.records.map((record) => record.Id)).size;
seen.foundWithDeleted = (await connection.query("SELECT Id FROM Contact", { scanAll: true })).totalSize;
seen.refused = await connection.query("SELECT Nope FROM Contact").catch((error) => error.errorCode);
connection.bulk2.pollInterval = 20;
const rows = await (await connection.bulk2.query("SELECT Id, LastName FROM Contact")).toArray();
seen.bulk = [rows.length, rows[0].LastName];
const upserted = await connection.sobject("Contact").upsert(
  [{ LastName: "Bakker", Rondom_Id__c: "k1" }, { LastName: "x".repeat(100), Rondom_Id__c: "k2" }], "Rondom_Id__c", { allOrNone: false });
seen.upserted = outcomes(upserted);
seen.updated = outcomes(await connection.sobject("Contact").update([{ Id: upserted[0].id, LastName: "Jansen" }], { allOrNone: false }));
seen.deleted = outcomes(await connection.sobject("Contact").destroy([upserted[0].id], { allOrNone: false }));
seen.deletedAgain = outcomes(await connection.sobject("Contact").destroy([upserted[0].id], { allOrNone: false }));
const job = await connection.bulk2.loadAndWaitForResults({
  object: "Contact", operation: "upsert", externalIdFieldName: "Rondom_Id__c",
  input: [{ Rondom_Id__c: "k3", LastName: 'de "Boer", jr' }, { Rondom_Id__c: "k4", LastName: "y".repeat(100) }] });
seen.ingested = [job.successfulResults.map((row) => [row.LastName, row.sf__Created]), job.failedResults.map((row) => row.sf__Error.split(":")[0]),
  job.unprocessedRecords.length];
console.log(JSON.stringify(seen));
