#pragma once

#include "core/base/hash.h"
#include "core/infer/engine.h"

#include <string>
#include <vector>

namespace stair {

/// A hash for each value of a program over any number of images, given in batches.
class ValueDigest
{
public:
    explicit ValueDigest(const Program& program)
        : m_hashes(program.values.size())
    {
    }

    /// What an engine that keeps values computed last.
    void add(const Engine& engine)
    {
        for (std::size_t id = 0; id < m_hashes.size(); ++id) {
            const Engine::Value& value = engine.values()[id];
            if (value.codes)
                m_hashes[id].add(std::as_bytes(value.codes.bytes()));
            else
                m_hashes[id].add(std::as_bytes(value.floats.values()));
        }
    }

    /// A line for each value: its name and hash. The object is spent afterwards.
    std::string text(const Program& program)
    {
        std::string lines;
        for (std::size_t id = 0; id < m_hashes.size(); ++id)
            lines += program.values[id].name + " " + m_hashes[id].hex() + "\n";
        return lines;
    }

private:
    std::vector<Sha256> m_hashes;
};

} // namespace stair
