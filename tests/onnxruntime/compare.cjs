// Runs ONNX files in ONNX Runtime and compares every output with expected bytes.
//
//   node compare.cjs MANIFEST THREADS LEVEL...
//
// MANIFEST: a JSON list of {name, model, image, dims, data, values: [{name, type, offset, count}]}:
// the graph's input "image" as raw uint8, and what each output is to be, uint8 or float32, in `data`, up to `tolerance` (0).
// Prints one JSON line: {"integers", "floats", "unlike": [{name, level, value, count}]}.
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');

async function compare(entry, threads, level, total) {
    const session = await ort.InferenceSession.create(entry.model, {
        graphOptimizationLevel: level,
        intraOpNumThreads: threads,
        logSeverityLevel: 3,
    });
    const pixels = new Uint8Array(fs.readFileSync(entry.image));
    const results = await session.run({ image: new ort.Tensor('uint8', pixels, entry.dims) });
    const data = fs.readFileSync(entry.data);
    for (const value of entry.values) {
        const found = results[value.name].data;
        const bytes = data.buffer.slice(
            data.byteOffset + value.offset,
            data.byteOffset + value.offset + value.count * (value.type === 'uint8' ? 1 : 4));
        const expected = value.type === 'uint8' ? new Uint8Array(bytes) : new Float32Array(bytes);
        const tolerance = value.tolerance || 0;
        let count = found.length === expected.length ? 0 : expected.length;
        for (let i = 0; count < expected.length && i < expected.length; ++i)
            count += Math.abs(found[i] - expected[i]) <= tolerance ? 0 : 1;
        total[value.type === 'uint8' ? 'integers' : 'floats'] += expected.length;
        if (count > 0)
            total.unlike.push({ name: entry.name, level, value: value.name, count });
    }
    await session.release();
}

async function main() {
    const [manifest, threads, ...levels] = process.argv.slice(2);
    const total = { integers: 0, floats: 0, unlike: [] };
    for (const entry of JSON.parse(fs.readFileSync(manifest, 'utf8')))
        for (const level of levels)
            await compare(entry, Number(threads), level, total);
    console.log(JSON.stringify(total));
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
