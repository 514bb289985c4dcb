#include "core/ops/dnnl/isa.h"

#include "core/base/concat.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace stair::dnnlops {

namespace {

using dnnl::cpu_isa;

const char* nameOf(cpu_isa isa)
{
    switch (isa) {
    case cpu_isa::sse41:
        return "sse41";
    case cpu_isa::avx:
        return "avx";
    case cpu_isa::avx2:
        return "avx2";
    case cpu_isa::avx2_vnni:
        return "avx2_vnni";
    case cpu_isa::avx512_core:
        return "avx512_core";
    case cpu_isa::avx512_core_vnni:
        return "avx512_core_vnni";
    case cpu_isa::avx512_core_bf16:
        return "avx512_core_bf16";
    case cpu_isa::avx512_core_amx:
        return "avx512_core_amx";
    default:
        return "unknown";
    }
}

bool multipliesBytesExactly(cpu_isa isa)
{
    return isa == cpu_isa::avx2_vnni || isa == cpu_isa::avx512_core_vnni
        || isa == cpu_isa::avx512_core_bf16 || isa == cpu_isa::avx512_core_amx;
}

} // namespace

void capIsa(IsaCap cap)
{
    switch (cap) {
    case IsaCap::Avx2:
        dnnl::set_max_cpu_isa(cpu_isa::avx2);
        break;
    case IsaCap::Avx512:
        dnnl::set_max_cpu_isa(cpu_isa::avx512_core);
        break;
    case IsaCap::Avx512Vnni:
        dnnl::set_max_cpu_isa(cpu_isa::avx512_core_vnni);
        break;
    }
}

Isa effectiveIsa()
{
    const cpu_isa isa = dnnl::get_effective_cpu_isa();
    return {nameOf(isa), multipliesBytesExactly(isa)};
}

std::string version()
{
    const dnnl_version_t* v = dnnl_version();
    return concat(v->major, ".", v->minor, ".", v->patch);
}

} // namespace stair::dnnlops
