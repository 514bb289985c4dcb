#include "core/data/mnist_idx.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/data/archive.h"
#include "core/data/dataset_cache.h"
#include "core/data/packed_archive.h"

#include <algorithm>
#include <array>

namespace stair {

namespace {

namespace fs = std::filesystem;

// First four bytes: two zeros, the type (8: bytes), the number of dimensions.
constexpr std::uint32_t imageMagic = 0x00000803;
constexpr std::uint32_t labelMagic = 0x00000801;

enum Part
{
    TrainImages,
    TrainLabels,
    TestImages,
    TestLabels,
    NoPart
};

/// Which part a file is by the end of its name, '.' counting as '-': MNIST is also passed on as
/// train-images.idx3-ubyte, and the sets made after it put their own name in front.
Part partOf(std::string_view file)
{
    static constexpr std::array<std::pair<std::string_view, Part>, 6> ends{{
        {"train-images-idx3-ubyte", TrainImages},
        {"train-labels-idx1-ubyte", TrainLabels},
        {"t10k-images-idx3-ubyte", TestImages},
        {"t10k-labels-idx1-ubyte", TestLabels},
        {"test-images-idx3-ubyte", TestImages},
        {"test-labels-idx1-ubyte", TestLabels},
    }};
    std::string name(file);
    std::ranges::replace(name, '.', '-');
    const bool hidden = file.starts_with('.'); // what macOS adds to archives
    for (const auto& [end, part] : ends) {
        if (!hidden && name.ends_with(end))
            return part;
    }
    return NoPart;
}

bool wanted(std::string_view file)
{
    return partOf(file) != NoPart;
}

/// Decodes one set; every message names the file.
class Decoder
{
public:
    Decoder(const fs::path& path, int classes)
        : m_path(path)
        , m_classes(classes)
        , m_files(readFiles(path, wanted))
    {
    }

    Dataset decode() const
    {
        Dataset data;
        data.train = decodeSet(TrainImages, TrainLabels);
        data.test = decodeSet(TestImages, TestLabels);
        if (data.test.height != data.train.height || data.test.width != data.train.width)
            throw Error(concat(m_path.string(), ": test images are ", data.test.height, " x ",
                               data.test.width, ", training images ", data.train.height, " x ",
                               data.train.width, "; put the four files of one set together"));
        for (int i = 0; i < m_classes; ++i)
            data.classNames.push_back(std::to_string(i));
        measureColours(data);
        data.hash = contentHash(data);
        return data;
    }

private:
    using File = std::pair<const std::string, std::vector<std::uint8_t>>;

    const File& find(Part part) const;
    std::uint32_t number(const File& file, std::size_t index) const;
    void checkHead(const File& file, std::uint32_t magic, std::size_t headBytes) const;
    ImageSet decodeSet(Part images, Part labels) const;
    [[noreturn]] void fail(const File& file, const std::string& what) const
    {
        throw Error(concat(m_path.string(), ": ", file.first, ' ', what));
    }

    fs::path m_path;
    int m_classes;
    FoundFiles m_files;
};

const Decoder::File& Decoder::find(Part part) const
{
    const File* found = nullptr;
    for (const File& file : m_files.content) {
        if (partOf(file.first) != part)
            continue;
        if (found && found->second != file.second)
            throw Error(concat(m_path.string(), " holds several sets (", found->first, ", ",
                               file.first, "); put the four files of one into a folder"));
        found = &file;
    }
    static constexpr std::array names{"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                      "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    if (!found)
        throw Error(concat(m_path.string(), " holds no ", names[std::size_t(part)],
                           " (.gz or unpacked); choose the folder or archive with the four files"));
    return *found;
}

/// The big-endian number at 4 * index.
std::uint32_t Decoder::number(const File& file, std::size_t index) const
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | file.second[4 * index + i];
    return value;
}

void Decoder::checkHead(const File& file, std::uint32_t magic, std::size_t headBytes) const
{
    if (file.second.size() < headBytes)
        fail(file, concat("has only ", file.second.size(), " bytes; download it again"));
    if (number(file, 0) != magic)
        fail(file,
             concat("begins with ", number(file, 0), ", not with ", magic, " as ",
                    magic == imageMagic ? "images" : "labels", " in bytes do; download it again"));
}

ImageSet Decoder::decodeSet(Part imagePart, Part labelPart) const
{
    constexpr std::size_t imageHead = 16;
    constexpr std::size_t labelHead = 8;
    const File& images = find(imagePart);
    const File& labels = find(labelPart);
    checkHead(images, imageMagic, imageHead);
    checkHead(labels, labelMagic, labelHead);

    const std::uint64_t count = number(images, 1);
    const std::uint64_t height = number(images, 2);
    const std::uint64_t width = number(images, 3);
    constexpr std::uint64_t largest = 4096;
    if (count == 0 || height == 0 || width == 0 || height > largest || width > largest)
        fail(images,
             concat("claims ", count, " images of ", height, " x ", width, "; download it again"));
    if (images.second.size() != imageHead + count * height * width)
        fail(images,
             concat("has ", images.second.size(), " bytes, but ", count, " images of ", height,
                    " x ", width, " take ", imageHead + count * height * width,
                    "; download it again"));
    if (number(labels, 1) != count || labels.second.size() != labelHead + count)
        fail(labels,
             concat("has ", labels.second.size() - labelHead, " labels for ", count,
                    " images; put the four files of one set together"));

    ImageSet set{
        .height = int(height), .width = int(width), .channels = 1, .pixels = {}, .labels = {}};
    set.pixels.assign(images.second.begin() + imageHead, images.second.end());
    set.labels.assign(labels.second.begin() + labelHead, labels.second.end());
    for (std::size_t i = 0; i < set.labels.size(); ++i) {
        if (set.labels[i] >= m_classes)
            fail(labels,
                 concat("has label ", set.labels[i], " in record ", i, ", not below ", m_classes,
                        "; set `classes` higher, or download it again"));
    }
    return set;
}

/// The folder, where the user named one of the files in it.
fs::path setPath(const fs::path& path)
{
    std::error_code failure;
    const bool part
        = fs::is_regular_file(path, failure) && wanted(unpackedName(path.filename().string()));
    return part ? fs::absolute(path).parent_path() : path;
}

} // namespace

DatasetInfo idxInfo()
{
    return {.id = "idx",
            .title = "MNIST format (idx)",
            .help = "Grey images in the four idx files of MNIST, Fashion-MNIST or KMNIST "
                    "(train-images-idx3-ubyte and so on, .gz or unpacked). The path names the "
                    "folder or archive that holds them.",
            .needsPath = true,
            .params = {ParamSpec::integer("classes", "Classes", 10, 2, 256,
                                          "Number of classes; labels run from 0 to one less.")},
            .open = [](const DataRequest& request) {
                const fs::path path = setPath(request.path);
                const CacheRequest cache{.source = path,
                                         .cacheFolder = request.cacheFolder,
                                         .kind = concat("idx ", request.params.toJson().dump()),
                                         .wanted = wanted};
                const int classes = request.params.integer("classes");
                return openThroughCache(cache, [&] { return Decoder(path, classes).decode(); });
            }};
}

} // namespace stair
