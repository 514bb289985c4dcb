// integer_digest MODEL PIXELS THREADS: what the engine computes from a packed file over raw images, a
// hash for each value. A program of its own, because STAIR_MAX_ISA is read once a process.
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/exchange/packed_file.h"
#include "tests/whole/value_digest.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

using namespace stair;

namespace {

constexpr std::int64_t batch = 100;

void digest(const char* file, const char* pixelFile, int threads)
{
    const ShippedModel model = readPacked(file);
    const std::string pixels = readFile(pixelFile);
    const std::int64_t bytes = model.program.image.withImages(1).size();
    const std::int64_t images = std::int64_t(pixels.size()) / bytes;
    Runtime runtime(threads);
    Engine engine(model.program, runtime);
    engine.keepValues(true);
    ValueDigest values(model.program);
    for (std::int64_t first = 0; first < images; first += batch) {
        const auto* at = reinterpret_cast<const std::uint8_t*>(pixels.data()) + first * bytes;
        const int count = int(std::min(batch, images - first));
        engine.run({at, model.program.image.withImages(count)});
        values.add(engine);
    }
    std::cerr << runtime.isa() << "\n";
    std::cout << values.text(model.program);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::cerr << "integer_digest MODEL PIXELS THREADS\n";
        return 2;
    }
    try {
        digest(argv[1], argv[2], std::atoi(argv[3]));
        return 0;
    } catch (const Error& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
