#include "core/ops/runtime.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/dnnl/isa.h"
#include "core/ops/dnnl/runtime.h"
#include "core/ops/integer/kernels.h"

#include <hwy/targets.h>

#include <cstdlib>
#include <omp.h>
#include <thread>

namespace stair {

namespace {

/// Caps oneDNN and Highway together. Both must hear of it before their first use.
void capInstructionSet()
{
    static bool done = false;
    if (done)
        return;
    const char* wish = std::getenv("STAIR_MAX_ISA");
    const std::string name = wish ? wish : "";
    if (name == "AVX2") {
        dnnlops::capIsa(dnnlops::IsaCap::Avx2);
        hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
    } else if (name == "AVX512") {
        dnnlops::capIsa(dnnlops::IsaCap::Avx512);
        hwy::DisableTargets(HWY_AVX3_DL);
    } else if (name == "AVX512_VNNI") {
        dnnlops::capIsa(dnnlops::IsaCap::Avx512Vnni);
    } else if (!name.empty()) {
        throw Error(concat("STAIR_MAX_ISA is '", name,
                           "'; it must be AVX2, AVX512 or AVX512_VNNI, or unset"));
    }
    done = true;
}

} // namespace

Runtime::Runtime(int threads, Kernels kernels)
    : m_threads(threads > 0 ? threads : int(std::max(1u, std::thread::hardware_concurrency())))
    , m_kernels(kernels)
{
    capInstructionSet();
    omp_set_dynamic(0);
    omp_set_num_threads(m_threads);
    m_dnnl = std::make_unique<DnnlRuntime>();
    m_integerKernels = std::make_unique<IntegerKernels>(KernelBreak::fromEnvironment());
    const dnnlops::Isa isa = dnnlops::effectiveIsa();
    m_isa = isa.name;
    m_hasVnni = isa.hasVnni;
}

Runtime::~Runtime() = default;

std::string Runtime::dnnlVersion()
{
    return dnnlops::version();
}

} // namespace stair
