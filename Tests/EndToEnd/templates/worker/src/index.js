const greeting = require("greeting");

exports.handler = async (event) => {
  for (const record of event.Records ?? []) console.log(greeting, record.body);
  return { batchItemFailures: [] };
};
