#include "core/session/stop_signals.h"

#include "core/base/assert.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace stair {

namespace {

constexpr std::array stopping = {SIGINT, SIGTERM, SIGHUP};

// A signal handler reaches nothing but what is static.
std::array<int, 2> wakePipe = {-1, -1};
volatile std::sig_atomic_t firstSignal = 0;
std::array<struct sigaction, stopping.size() + 1> before{};

/// A stop_source may not be used in a handler; a pipe may.
void onSignal(int signal)
{
    const int reason = errno;
    if (firstSignal == 0)
        firstSignal = signal;
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = ::write(wakePipe[1], &byte, 1);
    errno = reason;
}

/// Waits for the handler's byte, or for the one of the destructor.
void listen(std::stop_source source)
{
    char byte = 0;
    while (::read(wakePipe[0], &byte, 1) < 0 && errno == EINTR) { }
    if (byte == 1)
        source.request_stop();
}

} // namespace

StopSignals::StopSignals()
{
    require(wakePipe[0] < 0, "one StopSignals at a time");
    require(::pipe2(wakePipe.data(), O_CLOEXEC) == 0, "a pipe can be made");
    firstSignal = 0;
    m_listener = std::jthread([source = m_source] { listen(source); });
    struct sigaction action
    {
    };
    action.sa_handler = onSignal;
    action.sa_flags = int(SA_RESETHAND) | SA_RESTART;
    for (std::size_t i = 0; i < stopping.size(); ++i)
        ::sigaction(stopping[i], &action, &before[i]);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, &before.back());
}

StopSignals::~StopSignals()
{
    for (std::size_t i = 0; i < stopping.size(); ++i)
        ::sigaction(stopping[i], &before[i], nullptr);
    ::sigaction(SIGPIPE, &before.back(), nullptr);
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(wakePipe[1], &byte, 1);
    m_listener.join();
    ::close(wakePipe[0]);
    ::close(wakePipe[1]);
    wakePipe = {-1, -1};
}

int StopSignals::caught() const
{
    return firstSignal;
}

} // namespace stair
