// Runs ONNX files in ONNX Runtime and compares every output with expected bytes.
//
//   node compare.cjs MANIFEST THREADS LEVEL...
//
// MANIFEST: a JSON list of {name, model, image, dims, data, values: [{name, type, offset, count}]}:
// the graph's input "image" as raw uint8, and what each output is to be in `data`: uint8, int8, or
// float32 up to `tolerance` (0). A value with `save` is written there and not compared.
// Prints one JSON line: {"integers", "floats", "unlike": [{name, level, value, count}]}.
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');

const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

// How many of `found` are not what `data` has at the value's place.
function countUnlike(value, found, data) {
    const width = value.type === 'float32' ? 4 : 1;
    const bytes = data.subarray(value.offset, value.offset + value.count * width);
    if (found.length !== value.count)
        return value.count;
    if (bytes.equals(bytesOf(found)))
        return 0;
    const Kind = { uint8: Uint8Array, int8: Int8Array, float32: Float32Array }[value.type];
    const expected = new Kind(new Uint8Array(bytes).buffer);
    const tolerance = value.tolerance || 0;
    let count = 0;
    for (let i = 0; i < expected.length; ++i)
        count += Math.abs(found[i] - expected[i]) <= tolerance ? 0 : 1;
    return count;
}

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
        if (value.save) {
            fs.writeFileSync(value.save, bytesOf(found));
            continue;
        }
        const count = countUnlike(value, found, data);
        total[value.type === 'float32' ? 'floats' : 'integers'] += value.count;
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
