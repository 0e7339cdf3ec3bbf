// Evaluates one JSONata expression a line with JSONata's own implementation; see reference_jsonata.py.
const jsonata = require(process.argv[2]);
const lines = require("readline").createInterface({ input: process.stdin });

lines.on("line", async (line) => {
  let answer;
  try {
    const value = await jsonata(JSON.parse(line)).evaluate(undefined);
    answer = { value: value === undefined ? null : value };
  } catch (error) {
    answer = { error: `${error.code}: ${error.message}` };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
