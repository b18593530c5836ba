// The vendor's client for Mailchimp makes the calls it is told: call.mjs ADDRESS CALLS, a JSON list of [method, ...arguments].
import mailchimp from "@mailchimp/mailchimp_marketing";

const [, , address, calls] = process.argv;
mailchimp.setConfig({ apiKey: "sesame-us21", server: "us21" });
mailchimp.basePath = address + "/3.0";
for (const [method, ...given] of JSON.parse(calls)) {
  const [group, name] = method.split(".");
  await mailchimp[group][name](...given);
}
