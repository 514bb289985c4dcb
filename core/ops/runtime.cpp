#include "core/ops/runtime.h"

#include "core/base/concat.h"
#include "core/base/error.h"
#include "core/ops/dnnl/runtime.h"
#include "core/ops/integer/kernels.h"

#include <hwy/targets.h>

#include <cstdlib>
#include <omp.h>
#include <thread>
#include <utility>

namespace stair {

namespace {

    /// Caps oneDNN and Highway together. Both must hear of it before their first use.
    void capInstructionSet()
    {
        static bool done = false;
        if (std::exchange(done, true))
            return;
        const char* wish = std::getenv("STAIR_MAX_ISA");
        const std::string name = wish ? wish : "";
        if (name.empty())
            return;
        if (name == "AVX2") {
            dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
            hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
        } else if (name == "AVX512") {
            dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core);
            hwy::DisableTargets(HWY_AVX3_DL);
        } else if (name == "AVX512_VNNI") {
            dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_vnni);
        } else {
            throw Error(concat("STAIR_MAX_ISA is '", name,
                               "'; it must be AVX2, AVX512 or AVX512_VNNI, or unset"));
        }
    }

    const char* isaName(dnnl::cpu_isa isa)
    {
        switch (isa) {
        case dnnl::cpu_isa::sse41:
            return "sse41";
        case dnnl::cpu_isa::avx:
            return "avx";
        case dnnl::cpu_isa::avx2:
            return "avx2";
        case dnnl::cpu_isa::avx2_vnni:
            return "avx2_vnni";
        case dnnl::cpu_isa::avx512_core:
            return "avx512_core";
        case dnnl::cpu_isa::avx512_core_vnni:
            return "avx512_core_vnni";
        case dnnl::cpu_isa::avx512_core_bf16:
            return "avx512_core_bf16";
        case dnnl::cpu_isa::avx512_core_amx:
            return "avx512_core_amx";
        default:
            return "unknown";
        }
    }

    bool multipliesBytesExactly(dnnl::cpu_isa isa)
    {
        return isa == dnnl::cpu_isa::avx2_vnni || isa == dnnl::cpu_isa::avx512_core_vnni
            || isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
    }

} // namespace

Runtime::Runtime(int threads)
    : m_threads(threads > 0 ? threads : int(std::max(1u, std::thread::hardware_concurrency())))
{
    capInstructionSet();
    omp_set_dynamic(0);
    omp_set_num_threads(m_threads);
    m_dnnl = std::make_unique<DnnlRuntime>();
    m_integerKernels = std::make_unique<IntegerKernels>();
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    m_isa = isaName(isa);
    m_hasVnni = multipliesBytesExactly(isa);
}

Runtime::~Runtime() = default;

std::string Runtime::dnnlVersion()
{
    const dnnl_version_t* v = dnnl_version();
    return concat(v->major, ".", v->minor, ".", v->patch);
}

} // namespace stair
