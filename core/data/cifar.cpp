#include "core/data/cifar.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/data/archive.h"
#include "core/data/dataset_cache.h"

#include <algorithm>

namespace stair {

namespace {

constexpr int side = 32;
constexpr std::size_t planeBytes = side * side;
constexpr std::size_t pixelBytes = 3 * planeBytes;

/// How one of the two sets is laid out in its files.
struct Layout
{
    std::string title;
    std::vector<int> labelRanges; // classes counted by each label byte of a record
    std::size_t used = 0; // which of them is the label
    std::vector<std::string> trainFiles;
    std::string testFile;
    std::string namesFile;
    std::vector<std::string> names; // where namesFile is absent; may be empty
    std::vector<float> mean;
    std::vector<float> deviation;

    std::size_t recordBytes() const { return labelRanges.size() + pixelBytes; }
    int classes() const { return labelRanges[used]; }

    bool wants(std::string_view file) const
    {
        return std::ranges::find(trainFiles, file) != trainFiles.end() || file == testFile
            || file == namesFile;
    }
};

Layout cifar10Layout()
{
    return {.title = "CIFAR-10",
            .labelRanges = {10},
            .trainFiles = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin"},
            .testFile = "test_batch.bin",
            .namesFile = "batches.meta.txt",
            .names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse",
                      "ship", "truck"},
            .mean = {0.4914f, 0.4822f, 0.4465f},
            .deviation = {0.2470f, 0.2435f, 0.2616f}};
}

Layout cifar100Layout(bool fine)
{
    return {.title = "CIFAR-100",
            .labelRanges = {20, 100},
            .used = fine ? 1u : 0u,
            .trainFiles = {"train.bin"},
            .testFile = "test.bin",
            .namesFile = fine ? "fine_label_names.txt" : "coarse_label_names.txt",
            .names = {},
            .mean = {0.5071f, 0.4865f, 0.4409f},
            .deviation = {0.2673f, 0.2564f, 0.2762f}};
}

/// Decodes one layout from one archive or folder.
class Decoder
{
public:
    Decoder(const Layout& layout, const std::filesystem::path& path)
        : m_layout(layout)
        , m_path(path)
        , m_files(readFiles(path, [&](std::string_view file) { return layout.wants(file); }))
    {
    }

    Dataset decode()
    {
        for (const std::string& file : m_layout.trainFiles)
            checkPresent(file);
        checkPresent(m_layout.testFile);
        Dataset data;
        data.classNames = classNames();
        data.mean = m_layout.mean;
        data.deviation = m_layout.deviation;
        data.train = decodeSet(m_layout.trainFiles);
        data.test = decodeSet({m_layout.testFile});
        data.hash = contentHash(data);
        return data;
    }

private:
    void checkPresent(const std::string& file) const;
    std::vector<std::string> classNames() const;
    ImageSet decodeSet(const std::vector<std::string>& files);
    void append(const std::string& file, const std::vector<std::uint8_t>& content, ImageSet& set);

    const Layout& m_layout;
    std::filesystem::path m_path;
    FoundFiles m_files;
};

void Decoder::checkPresent(const std::string& file) const
{
    if (m_files.content.contains(file))
        return;
    const auto holds = [this](std::string_view name) {
        return std::ranges::find(m_files.others, name) != m_files.others.end();
    };
    std::string remedy = "choose the archive as downloaded, or the folder it was unpacked to";
    if (holds("data_batch_1") || (holds("train") && holds("meta")))
        remedy = "this is the Python version, download the binary version";
    else if (holds("train.bin") || holds("data_batch_1.bin"))
        remedy = concat("this is not ", m_layout.title, ", choose the other CIFAR");
    throw Error(concat(m_path.string(), " holds no ", file, ", which belongs to ", m_layout.title,
                       "; ", remedy));
}

std::vector<std::string> Decoder::classNames() const
{
    const auto found = m_files.content.find(m_layout.namesFile);
    std::vector<std::string> names = m_layout.names;
    if (found != m_files.content.end()) {
        names.clear();
        std::istringstream text(std::string(found->second.begin(), found->second.end()));
        for (std::string line; std::getline(text, line);) {
            while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
                line.pop_back();
            if (!line.empty())
                names.push_back(line);
        }
        if (int(names.size()) != m_layout.classes())
            throw Error(concat(m_path.string(), ": ", m_layout.namesFile, " names ", names.size(),
                               " classes, not ", m_layout.classes(),
                               "; download it again, or remove that file"));
    }
    for (int i = int(names.size()); i < m_layout.classes(); ++i)
        names.push_back(concat("class ", i));
    return names;
}

ImageSet Decoder::decodeSet(const std::vector<std::string>& files)
{
    std::size_t bytes = 0;
    for (const std::string& file : files)
        bytes += m_files.content.at(file).size();
    ImageSet set{.height = side, .width = side, .channels = 3, .pixels = {}, .labels = {}};
    const std::size_t count = bytes / m_layout.recordBytes();
    set.pixels.reserve(count * pixelBytes);
    set.labels.reserve(count);
    for (const std::string& file : files) {
        append(file, m_files.content.at(file), set);
        m_files.content.erase(file); // the whole set would otherwise be in memory twice
    }
    return set;
}

void Decoder::append(const std::string& file, const std::vector<std::uint8_t>& content,
                     ImageSet& set)
{
    const std::size_t record = m_layout.recordBytes();
    const std::size_t count = content.size() / record;
    if (content.empty() || content.size() % record != 0)
        throw Error(concat(m_path.string(), ": ", file, " ends within record ", count, " (",
                           content.size() % record, " of ", record,
                           " bytes); download it again in the binary version of ", m_layout.title));
    const std::size_t filled = set.pixels.size();
    set.pixels.resize(filled + count * pixelBytes);
    std::uint8_t* dst = set.pixels.data() + filled;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* labels = content.data() + i * record;
        for (std::size_t k = 0; k < m_layout.labelRanges.size(); ++k) {
            if (labels[k] >= m_layout.labelRanges[k])
                throw Error(
                    concat(m_path.string(), ": ", file, ", record ", i, " has label ",
                           int(labels[k]), ", which must be below ", m_layout.labelRanges[k],
                           "; the file is damaged or of another data set, download it again"));
        }
        set.labels.push_back(labels[m_layout.used]);
        const std::uint8_t* red = labels + m_layout.labelRanges.size();
        for (std::size_t p = 0; p < planeBytes; ++p, dst += 3) {
            dst[0] = red[p];
            dst[1] = red[p + planeBytes];
            dst[2] = red[p + 2 * planeBytes];
        }
    }
}

Dataset open(const Layout& layout, const DataRequest& request, const std::string& id)
{
    const CacheRequest cache{.source = request.path,
                             .cacheFolder = request.cacheFolder,
                             .kind = concat(id, ' ', request.params.toJson().dump()),
                             .wanted = [&layout](std::string_view file) {
                                 return layout.wants(file);
                             }};
    return openThroughCache(cache, [&] { return Decoder(layout, request.path).decode(); });
}

} // namespace

DatasetInfo cifar10Info()
{
    return {.id = "cifar10",
            .title = "CIFAR-10",
            .help = "60,000 colour photographs of 32 x 32 pixels in 10 classes. The path names the "
                    "binary version: cifar-10-binary.tar.gz as downloaded, or its unpacked folder.",
            .needsPath = true,
            .params = {},
            .open = [](const DataRequest& request) {
                return open(cifar10Layout(), request, "cifar10");
            }};
}

DatasetInfo cifar100Info()
{
    return {
        .id = "cifar100",
        .title = "CIFAR-100",
        .help = "60,000 colour photographs of 32 x 32 pixels in 100 classes. The path names the "
                "binary version: cifar-100-binary.tar.gz as downloaded, or its unpacked folder.",
        .needsPath = true,
        .params = {ParamSpec::choice("labels", "Labels", "fine", {"fine", "coarse"},
                                     "100 fine classes, or the 20 coarse ones that group them.")},
        .open = [](const DataRequest& request) {
            const bool fine = request.params.text("labels") == "fine";
            return open(cifar100Layout(fine), request, "cifar100");
        }};
}

} // namespace stair
