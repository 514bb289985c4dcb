#pragma once

#include "core/tensor/buffer_pool.h"

#include <memory>
#include <string>

namespace stair {

class DnnlRuntime;
class IntegerKernels;

/// Which convolutions a runtime's operations use.
enum class Kernels
{
    Fast, // oneDNN, integer ones checked against the reference before first use
    Reference, // plain loops: slow, and the same bits on every CPU
};

/// What the operations share: threads, the memory pool, oneDNN's engine and its primitives cached
/// per shape. One per worker; used by one thread at a time. The instruction-set cap of
/// STAIR_MAX_ISA (AVX2, AVX512, AVX512_VNNI) is read once, at the first construction.
class Runtime
{
public:
    /// threads 0: as many as the machine has. Throws Error for an unknown STAIR_MAX_ISA.
    explicit Runtime(int threads, Kernels kernels = Kernels::Fast);
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    int threads() const { return m_threads; }
    Kernels kernels() const { return m_kernels; }
    BufferPool& pool() { return m_pool; }
    DnnlRuntime& dnnl() { return *m_dnnl; }

    /// Whether int8 products may be summed without saturating in 16 bits on this CPU.
    bool hasVnni() const { return m_hasVnni; }

    /// "avx512_core_vnni" and the like: what oneDNN will use.
    const std::string& isa() const { return m_isa; }

    /// The integer kernels chosen and checked so far.
    IntegerKernels& integerKernels() { return *m_integerKernels; }

    /// "2.6.3": the oneDNN that is loaded.
    static std::string dnnlVersion();

private:
    int m_threads;
    Kernels m_kernels;
    bool m_hasVnni = false;
    std::string m_isa;
    BufferPool m_pool;
    std::unique_ptr<DnnlRuntime> m_dnnl;
    std::unique_ptr<IntegerKernels> m_integerKernels;
};

} // namespace stair
