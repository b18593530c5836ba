// A client of Mautic's users makes the calls it is told: call.mjs ADDRESS CALLS, a JSON list of [method, ...arguments].
import MauticConnector from "node-mautic";

const [, , apiUrl, calls] = process.argv;
const client = new MauticConnector({ apiUrl, username: "api", password: "sesame" });
for (const [method, ...given] of JSON.parse(calls)) {
  const [group, name] = method.split(".");
  await client[group][name](...given);
}
