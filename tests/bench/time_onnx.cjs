// Times an ONNX file of ours in ONNX Runtime on random images, as tests/bench/inference asks.
//
//   node time_onnx.cjs MODEL BATCH HEIGHT WIDTH STEPS THREADS
//
// Prints one JSON line: {"images_per_s"} (median of STEPS runs, after two others), and "runtime".
'use strict';
const ort = require('onnxruntime-node');

async function main() {
    const [model, ...numbers] = process.argv.slice(2);
    const [batch, height, width, steps, threads] = numbers.map(Number);
    const session = await ort.InferenceSession.create(model, {
        graphOptimizationLevel: 'all',
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
    });
    const pixels = new Uint8Array(batch * 3 * height * width);
    for (let i = 0; i < pixels.length; ++i)
        pixels[i] = (i * 2654435761) >>> 24;
    const image = new ort.Tensor('uint8', pixels, [batch, 3, height, width]);
    const seconds = [];
    for (let step = -2; step < steps; ++step) {
        const start = process.hrtime.bigint();
        await session.run({ image });
        if (step >= 0)
            seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    seconds.sort((a, b) => a - b);
    console.log(JSON.stringify({
        images_per_s: batch / seconds[Math.floor(seconds.length / 2)],
        runtime: 'onnxruntime ' + ort.env.versions.node,
    }));
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
