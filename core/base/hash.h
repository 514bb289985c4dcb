#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace stair {

/// SHA-256 over bytes given in pieces.
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void add(std::span<const std::byte> bytes);

    /// Sixty-four lower-case hexadecimal digits. The object is spent afterwards.
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

std::string sha256(std::span<const std::byte> bytes);

/// Sixty-four bits that differ where the bytes do, but for chance: quick, and no protection against
/// someone who means to deceive.
std::uint64_t quickHash(std::span<const std::uint8_t> bytes);

/// The hash of a file's content; throws Error when it cannot be read.
std::string sha256OfFile(const std::filesystem::path& path);

} // namespace stair
