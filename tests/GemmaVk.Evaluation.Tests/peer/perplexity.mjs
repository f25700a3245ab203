// Perplexity as llama-perplexity defines it, of a GGUF file through llama.cpp: node perplexity.mjs MODEL.gguf TEXT CONTEXT [--specials]
import {getLlama, LlamaLogLevel} from "node-llama-cpp";
import fs from "fs";
const [file, textFile, n] = process.argv.slice(2);
const C = Number(n);
const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 2});
const model = await llama.loadModel({modelPath: file});
const context = await model.createContext({contextSize: C, batchSize: C, threads: 2, flashAttention: false});
const sequence = context.getSequence();
const bos = model.tokens.bos;
const tokens = [bos, ...model.tokenize(fs.readFileSync(textFile, "utf8"), process.argv[5] === "--specials")];
let sum = 0, count = 0;
const pieces = Math.floor(tokens.length / C);
for (let i = 0; i < pieces; i++) {
  const piece = tokens.slice(i * C, (i + 1) * C);
  piece[0] = bos;
  await sequence.clearHistory();
  const input = piece.map((token, at) => at >= C / 2 && at < C - 1 ? [token, {generateNext: {probabilities: true}}] : token);
  const out = await sequence.controlledEvaluate(input.slice(0, C - 1));
  for (let at = C / 2; at < C - 1; at++) { sum -= Math.log(out[at].next.probabilities.get(piece[at + 1])); count++; }
}
console.log(JSON.stringify({tokens: tokens.length, pieces, counted: count, nll: sum / count, perplexity: Math.exp(sum / count)}));
