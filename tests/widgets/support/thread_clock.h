#pragma once

#include <QElapsedTimer>

#include <ctime>

namespace stair {

/// What this thread has computed since start, in milliseconds: on a machine that others use as well
/// the wall's clock says more of them than of us. Waiting is not counted; wallMs() counts all.
class ThreadClock
{
public:
    ThreadClock() { start(); }

    void start()
    {
        m_start = now();
        m_wall.start();
    }

    double ms() const { return now() - m_start; }
    double wallMs() const { return double(m_wall.nsecsElapsed()) / 1e6; }

private:
    static double now()
    {
        timespec time = {};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
    }

    double m_start = 0;
    QElapsedTimer m_wall;
};

} // namespace stair
