// The vendor's client for HubSpot makes the calls it is told: call.mjs ADDRESS CALLS, a JSON list of [method, ...arguments].
import { Client } from "@hubspot/api-client";

const [, , basePath, calls] = process.argv;
const client = new Client({ accessToken: "pat-sesame", basePath, numberOfApiCallRetries: 0 });
for (const [method, ...given] of JSON.parse(calls)) {
  const path = method.split(".");
  const name = path.pop();
  const owner = path.reduce((object, member) => object[member], client);
  await owner[name](...given);
}
