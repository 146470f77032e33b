#include "cores.hpp"

#include "log.hpp"

#include <cerrno>

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace sake::actors {

std::vector<std::size_t> usable_cores() {
  cpu_set_t allowed;
  // Asks for the first thread: the calling thread, such as a reactor that starts a worker, may be
  // pinned to one core.
  if (sched_getaffinity(::getpid(), sizeof allowed, &allowed) != 0)
    return {0};
  std::vector<std::size_t> cores;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &allowed))
      cores.push_back(core);
  return cores;
}

bool keep_on(const std::vector<std::size_t>& cores, const std::string& who) {
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  for (const std::size_t core : cores)
    CPU_SET(core, &wanted);
  const int error = pthread_setaffinity_np(pthread_self(), sizeof wanted, &wanted);
  if (error != 0)
    log_event(log_level::warning, "cannot pin a thread; it stays where it is",
              {{"thread", who}, {"errno", error}});
  return error == 0;
}

void be_nice(std::size_t steps, const std::string& who) {
  // On Linux each thread has its own nice value, under its own id.
  const int usual = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid()));
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), usual + static_cast<int>(steps))
      != 0)
    log_event(log_level::warning, "cannot set the nice value of a thread; it keeps its own",
              {{"thread", who}, {"errno", errno}});
}

} // namespace sake::actors
