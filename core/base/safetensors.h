#pragma once

#include "core/base/json.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace stair {

/// One tensor of a file. Its bytes, little-endian, belong to whoever made the record.
struct StoredTensor
{
    std::string name;
    std::string dtype; // "F32", "U8" ... as safetensors spells them
    std::vector<std::int64_t> shape;
    std::span<const std::byte> values;
};

/// What one kind of our files says of itself, and what to do when one is unusable.
struct StoredKind
{
    const char* format; // "staircase-checkpoint"
    int schema;
    const char* noun; // "checkpoint"
    const char* remedy; // "use another checkpoint"
};

/// Tensors and a few texts in the safetensors layout: 8 bytes header length, a JSON header, raw
/// values. The header's "__metadata__" holds the texts, format, schema, and a SHA-256 over texts and
/// tensors that tells damage.
class StoredTensors
{
public:
    StoredTensors(StoredTensors&&) = default; // not copied: the tensors are views into it

    /// `texts`: an object of strings.
    static std::string encode(const StoredKind& kind, const Json& texts,
                              const std::vector<StoredTensor>& tensors);

    /// The same into a file, atomically. Throws Error when the folder is full or read-only.
    static void write(const std::filesystem::path& path, const StoredKind& kind, const Json& texts,
                      const std::vector<StoredTensor>& tensors);

    /// Throws Error naming the file when it is truncated, of another kind, or newer than the program.
    static StoredTensors read(const std::filesystem::path& path, const StoredKind& kind);

    /// Whether texts and tensors are those that were written.
    bool isIntact() const { return m_isIntact; }

    const std::vector<StoredTensor>& tensors() const { return m_tensors; } // views into this object

    /// Null when absent.
    const StoredTensor* find(const std::string& name) const;

    /// Throws Error when absent.
    std::string text(const std::string& key) const;

    /// Throws an Error that names the file, says what is wrong with it, and the remedy.
    [[noreturn]] void fail(const std::string& what) const;

private:
    StoredTensors(const std::filesystem::path& path, const StoredKind& kind);
    void takeHeader();
    void takeTensors(const Json& header);

    StoredKind m_kind;
    std::string m_source;
    std::vector<char> m_content; // never moved: tensors point into it
    std::size_t m_valuesStart = 0;
    Json m_texts;
    std::vector<StoredTensor> m_tensors;
    bool m_isIntact = false;
};

/// Bytes of one value of a safetensors type; 0 for an unknown one.
std::int64_t bytesOfType(const std::string& dtype);

} // namespace stair
