#include "core/exchange/npz.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/exchange/onnx_integer.h"
#include "core/exchange/program_text.h"

#include <archive.h>
#include <archive_entry.h>

#include <bit>
#include <memory>

namespace stair {

static_assert(std::endian::native == std::endian::little, "values are stored as they lie");

namespace {

using Dims = std::vector<std::int64_t>;

/// NumPy's own header, version 1.0, padded to 64 bytes.
std::string npyHeader(const char* type, const Dims& dims)
{
    std::string shape;
    for (const std::int64_t dim : dims)
        shape += concat(dim, ",");
    std::string text
        = concat("{'descr': '", type, "', 'fortran_order': False, 'shape': (", shape, "), }");
    constexpr std::size_t prefix = 10;
    text.append(63 - (prefix + text.size()) % 64, ' ');
    text += '\n';
    std::string header = std::string("\x93NUMPY\x01\x00", 8);
    header += char(text.size() & 255);
    header += char(text.size() >> 8);
    return header + text;
}

/// A zip archive in memory, its files stored as they are. The same files give the same bytes.
class Npz
{
public:
    Npz()
        : m_archive(archive_write_new(), archive_write_free)
    {
        archive_write_set_format_zip(m_archive.get());
        archive_write_zip_set_compression_store(m_archive.get());
        archive_write_set_bytes_in_last_block(m_archive.get(), 1);
        check(archive_write_open(m_archive.get(), &m_content, nullptr, append, nullptr));
    }

    template<typename T>
    void add(const std::string& name, const char* type, const Dims& dims, const T* values,
             std::size_t count)
    {
        std::string content = npyHeader(type, dims);
        content.append(reinterpret_cast<const char*>(values), count * sizeof(T));
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
            archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), (name + ".npy").c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_size(entry.get(), std::int64_t(content.size()));
        archive_entry_set_mtime(entry.get(), 315'532'800, 0); // 1980: the first day of zip
        check(archive_write_header(m_archive.get(), entry.get()));
        if (archive_write_data(m_archive.get(), content.data(), content.size())
            != la_ssize_t(content.size()))
            check(ARCHIVE_FATAL);
    }

    void addFloats(const std::string& name, const Dims& dims, std::span<const float> values)
    {
        add(name, "<f4", dims, values.data(), values.size());
    }

    std::string finish()
    {
        check(archive_write_close(m_archive.get()));
        return std::move(m_content);
    }

private:
    static la_ssize_t append(archive*, void* content, const void* bytes, std::size_t size)
    {
        static_cast<std::string*>(content)->append(static_cast<const char*>(bytes), size);
        return la_ssize_t(size);
    }

    void check(int result)
    {
        if (result != ARCHIVE_OK)
            throw std::runtime_error(
                concat("writing an .npz archive: ", archive_error_string(m_archive.get())));
    }

    std::string m_content;
    std::unique_ptr<archive, decltype(&archive_write_free)> m_archive;
};

void addLayer(Npz& npz, const Instruction& in)
{
    if (in.compute == Compute::Conv) {
        const Shape s = in.conv.weightShape();
        const Dims dims{s.n, s.h, s.w, s.c};
        if (in.weightCodes) {
            npz.add(in.name + ".weight", "|i1", dims, in.weightCodes.data(),
                    std::size_t(in.weightCodes.size()));
            npz.addFloats(in.name + ".weight_scale", {std::int64_t(in.weightSteps.size())},
                          in.weightSteps);
        } else {
            npz.addFloats(in.name + ".weight", dims, in.realWeight.values());
        }
    }
    const std::vector<float> multipliers = multipliersOf(in);
    if (multipliers.empty())
        return;
    const std::size_t channels = std::size_t(in.computed.c);
    const std::size_t results = multipliers.size() / (2 * channels);
    std::vector<float> m, b;
    for (std::size_t i = 0; i < results; ++i) {
        const auto own = multipliers.begin() + std::ptrdiff_t(2 * i * channels);
        m.insert(m.end(), own, own + std::ptrdiff_t(channels));
        b.insert(b.end(), own + std::ptrdiff_t(channels), own + std::ptrdiff_t(2 * channels));
    }
    const Dims dims{std::int64_t(results), std::int64_t(channels)};
    npz.addFloats(in.name + ".m", dims, m);
    npz.addFloats(in.name + ".b", dims, b);
}

} // namespace

std::string encodeNpz(const ShippedModel& model)
{
    const Program& program = model.program;
    Npz npz;
    const Json about = {{"program", programText(program)},
                        {"origin", model.origin.toJson()},
                        {"proof", proofJson(model.proof)}};
    const std::string text = about.dump(-1, ' ', false, Json::error_handler_t::replace);
    npz.add("about", "|u1", {std::int64_t(text.size())}, text.data(), text.size());
    for (const int id : program.imageValues) {
        const ProgramValue& value = program.values[std::size_t(id)];
        if (!value.isFloat)
            npz.add("image.codes", value.grid.isSigned ? "|i1" : "|u1", {program.image.c, 256},
                    program.imageCodes.data(), program.imageCodes.size());
    }
    for (int id = 0; id < int(program.values.size()); ++id) {
        const ProgramValue& value = program.values[std::size_t(id)];
        if (!value.isFloat)
            npz.addFloats(onnxValueName(program, id) + ".scale", {1}, {&value.step, 1});
    }
    for (const Instruction& in : program.instructions)
        addLayer(npz, in);
    return npz.finish();
}

} // namespace stair
