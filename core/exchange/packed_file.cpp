#include "core/exchange/packed_file.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/base/safetensors.h"
#include "core/exchange/code_packing.h"
#include "core/exchange/program_text.h"
#include "core/lower/program_check.h"

#include <cstring>
#include <fstream>

namespace stair {

namespace {

constexpr StoredKind packedKind
    = {"staircase-packed", 1, "packed model", "export it again from its run"};

/// The tensors of a file with the memory behind those that are made for it.
class Content
{
public:
    explicit Content(const ShippedModel& model)
    {
        const Program& program = model.program;
        const Json text = {{"program", programText(program)},
                           {"origin", model.origin.toJson()},
                           {"proof", proofJson(model.proof)}};
        const std::string dumped = text.dump(-1, ' ', false, Json::error_handler_t::replace);
        keep("model.json", "U8", {std::int64_t(dumped.size())},
             std::as_bytes(std::span(dumped.data(), dumped.size())));
        const std::int64_t channels = program.image.c;
        if (!program.imageCodes.empty())
            keep("image.codes", "U8", {channels, 256},
                 std::as_bytes(std::span(program.imageCodes)));
        if (!program.imageTable.empty())
            keep("image.table", "F32", {channels, 256},
                 std::as_bytes(std::span(program.imageTable)));
        std::vector<float> multipliers;
        for (const Instruction& in : program.instructions) {
            addWeights(in);
            const std::vector<float> own = multipliersOf(in);
            multipliers.insert(multipliers.end(), own.begin(), own.end());
        }
        keep("multipliers", "F32", {std::int64_t(multipliers.size())},
             std::as_bytes(std::span(multipliers)));
    }

    const std::vector<StoredTensor>& tensors() const { return m_tensors; }

private:
    void addWeights(const Instruction& in)
    {
        if (in.weightCodes) {
            const std::vector<std::uint8_t> packed = packCodes(in.weightCodes);
            keep(in.name + ".weight", "U8", {std::int64_t(packed.size())},
                 std::as_bytes(std::span(packed)));
        } else if (in.realWeight) {
            const Shape s = in.realWeight.shape();
            keep(in.name + ".weight", "F32", {s.n, s.h, s.w, s.c},
                 std::as_bytes(in.realWeight.values()));
        }
    }

    void keep(const std::string& name, const char* dtype, std::vector<std::int64_t> shape,
              std::span<const std::byte> values)
    {
        auto& kept = m_memory.emplace_back(values.begin(), values.end());
        m_tensors.push_back({name, dtype, std::move(shape), kept});
    }

    std::vector<std::vector<std::byte>> m_memory;
    std::vector<StoredTensor> m_tensors;
};

/// Fills a program's tensors from a file.
class Filling
{
public:
    Filling(const StoredTensors& file, Program& program)
        : m_file(file)
        , m_program(program)
    {
    }

    void run()
    {
        const std::size_t entries = std::size_t(m_program.image.c) * 256;
        if (m_file.find("image.codes"))
            m_program.imageCodes = values<std::uint8_t>("image.codes", "U8", entries);
        if (m_file.find("image.table"))
            m_program.imageTable = values<float>("image.table", "F32", entries);
        std::size_t count = 0;
        for (const Instruction& in : m_program.instructions)
            count += multipliersOf(in).size();
        const auto multipliers = values<float>("multipliers", "F32", count);
        std::size_t next = 0;
        for (Instruction& in : m_program.instructions) {
            fillWeights(in);
            const std::size_t own = multipliersOf(in).size();
            setMultipliers(in, std::span(multipliers).subspan(next, own));
            next += own;
        }
    }

private:
    void fillWeights(Instruction& in)
    {
        if (in.weightCodes) {
            const auto size = packedBytes(in.weightCodes.grid(), in.weightCodes.size());
            unpackCodes(values<std::uint8_t>(in.name + ".weight", "U8", std::size_t(size)),
                        in.weightCodes);
        } else if (in.realWeight) {
            const auto weights
                = values<float>(in.name + ".weight", "F32", std::size_t(in.realWeight.size()));
            std::ranges::copy(weights, in.realWeight.data());
        }
    }

    template<typename T>
    std::vector<T> values(const std::string& name, const std::string& dtype, std::size_t count)
    {
        const StoredTensor* stored = m_file.find(name);
        if (!stored || stored->dtype != dtype || stored->values.size() != count * sizeof(T))
            m_file.fail(concat("lacks its tensor ", name));
        std::vector<T> values(count);
        if (count > 0)
            std::memcpy(values.data(), stored->values.data(), stored->values.size());
        return values;
    }

    const StoredTensors& m_file;
    Program& m_program;
};

std::int64_t storedBytes(const StoredTensors& file)
{
    std::size_t bytes = 0;
    for (const StoredTensor& tensor : file.tensors())
        bytes += tensor.values.size();
    return std::int64_t(bytes);
}

} // namespace

std::string encodePacked(const ShippedModel& model)
{
    const Content content(model);
    return StoredTensors::encode(packedKind, Json::object(), content.tensors());
}

bool isPackedFile(const std::filesystem::path& path)
{
    constexpr std::uint64_t mostHeader = std::uint64_t(1) << 28;
    std::ifstream file(path, std::ios::binary);
    std::uint64_t length = 0;
    if (!file.read(reinterpret_cast<char*>(&length), sizeof(length)) || length > mostHeader)
        return false;
    std::string text(std::size_t(length), '\0');
    if (!file.read(text.data(), std::streamsize(length)))
        return false;
    Json header;
    try {
        header = parseJson(text, "its header");
    } catch (const Error&) { // no object then
    }
    if (!header.is_object() || !header.contains("__metadata__"))
        return false;
    const Json& texts = header["__metadata__"];
    return texts.is_object() && texts.contains("format") && texts["format"].is_string()
        && texts["format"].get<std::string>() == packedKind.format;
}

ShippedModel readPacked(const std::filesystem::path& path, Damage damage)
{
    const StoredTensors file = StoredTensors::read(path, packedKind);
    if (damage == Damage::Refused && !file.isIntact())
        file.fail("has been changed since it was written (stair verify says where)");
    const StoredTensor* about = file.find("model.json");
    if (!about)
        file.fail("does not say what is in it");
    ShippedModel model;
    model.isIntact = file.isIntact();
    try {
        const Json text
            = parseJson({reinterpret_cast<const char*>(about->values.data()), about->values.size()},
                        "its description");
        model.program = programFromText(text.at("program"), storedBytes(file));
        model.origin = Origin::from(text.at("origin"));
        model.proof = proofFrom(text.at("proof"), model.program);
        Filling(file, model.program).run();
        checkProgram(model.program);
    } catch (const Json::exception&) {
        file.fail("is damaged: its description cannot be read");
    } catch (const Error& error) {
        if (std::string_view(error.what()).starts_with("the packed model"))
            throw;
        file.fail(concat("is damaged: ", error.what()));
    }
    return model;
}

} // namespace stair
