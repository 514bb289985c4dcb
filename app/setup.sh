# Sourced by app/run and tests/run: installs what is missing and builds a preset.
# Debian 12. Nothing is asked of apt when every package is there.

stair_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

stair_packages=(
    g++ cmake ninja-build ccache
    libdnnl-dev ocl-icd-opencl-dev
    libeigen3-dev libhwy-dev nlohmann-json3-dev libcli11-dev
    libarchive-dev zlib1g-dev libssl-dev libmuparser-dev
    libonnx-dev libprotobuf-dev
    qt6-base-dev qt6-svg-dev libqt6sql6-sqlite libqcustomplot-dev libgl-dev
    fonts-dejavu-core
)

# stair_install PACKAGE ...: installs those that are missing, or says what to do.
stair_install() {
    local missing=() package status
    for package in "$@"; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing and this user may not install them: ${missing[*]}" >&2
            echo "As root, run: apt-get install --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# stair_build PRESET [TARGET ...]: configures and builds; quiet unless it fails.
stair_build() {
    local preset=$1 log
    shift
    log=$stair_root/build/$preset.log
    mkdir -p "$stair_root/build"
    local targets=()
    [ $# -eq 0 ] || targets=(--target "$@")
    echo "Building $preset (the first time takes some minutes; details in build/$preset.log)"
    if ! (cd "$stair_root" && cmake --preset "$preset" && cmake --build --preset "$preset" \
        "${targets[@]}") >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The build of $preset failed; the whole log is build/$preset.log" >&2
        return 1
    fi
}
