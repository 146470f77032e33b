#include "process.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sake::test {

namespace {

// Long enough that only a hanging test reaches it.
constexpr int patience_ms = 120'000;

[[noreturn]] void fail(int error, const std::string& call) {
  throw std::system_error(error, std::generic_category(), call);
}

// The ends of a pipe that no other program inherits.
std::pair<int, int> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    fail(errno, "pipe2");
  return {ends[0], ends[1]};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const auto& each : texts)
    all.push_back(const_cast<char*>(each.c_str()));
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> with_our_own(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** own = environ; *own != nullptr; ++own) {
    const std::string_view line{*own};
    if (!added.contains(std::string{line.substr(0, line.find('='))}))
      all.emplace_back(line);
  }
  for (const auto& [name, value] : added)
    all.push_back(name + '=' + value);
  return all;
}

} // namespace

process::process(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
  const auto [out, to_out] = make_pipe();
  const auto [err, to_err] = make_pipe();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, to_out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, to_err, STDERR_FILENO);
  // Signals that the caller ignores, as under nohup, must reach the program.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const auto environment_texts = with_our_own(environment);
  const int error = ::posix_spawnp(&id_, arguments.front().c_str(), &actions, &attributes,
                                   pointers(arguments).data(), pointers(environment_texts).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(to_out);
  ::close(to_err);
  out_.fd = out;
  err_.fd = err;
  if (error != 0) {
    ::close(out);
    ::close(err);
    fail(error, "cannot start " + arguments.front());
  }
}

process::~process() {
  if (id_ > 0) {
    signal(SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  for (const auto* each : {&out_, &err_})
    if (each->fd >= 0)
      ::close(each->fd);
}

void process::signal(int number) const noexcept {
  if (id_ > 0)
    ::kill(id_, number);
}

// Reads the next octets of either stream; false once both have ended.
bool process::fill() {
  if (out_.fd < 0 && err_.fd < 0)
    return false;
  // poll(2) ignores negative descriptors.
  pollfd watched[] = {{out_.fd, POLLIN, 0}, {err_.fd, POLLIN, 0}};
  if (::poll(watched, 2, patience_ms) <= 0)
    throw std::runtime_error("the program neither says anything nor ends");
  stream* const streams[] = {&out_, &err_};
  for (int i = 0; i < 2; ++i) {
    if (watched[i].revents == 0)
      continue;
    char octets[4096];
    const auto got = ::read(watched[i].fd, octets, sizeof octets);
    if (got > 0)
      streams[i]->text.append(octets, static_cast<std::size_t>(got));
    else
      ::close(std::exchange(streams[i]->fd, -1));
  }
  return true;
}

std::string process::read_line() {
  while (out_.text.find('\n') == std::string::npos && out_.fd >= 0)
    fill();
  const auto line = out_.text.substr(0, out_.text.find('\n'));
  out_.text.erase(0, line.size() + 1);
  return line;
}

void process::await_error(std::string_view text) {
  std::size_t found = 0;
  while ((found = err_.text.find(text, errors_seen_)) == std::string::npos)
    if (!fill())
      throw std::runtime_error("the program did not say: " + std::string{text} + '\n' + err_.text);
  errors_seen_ = found + text.size();
}

int process::wait() {
  while (fill()) {
  }
  return wait_unheard();
}

int process::wait_unheard() {
  int status = 0;
  if (::waitpid(std::exchange(id_, -1), &status, 0) < 0)
    fail(errno, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process::close_errors() {
  ::close(std::exchange(err_.fd, -1));
}

finished_process run_process(const std::vector<std::string>& arguments) {
  process program{arguments};
  const int status = program.wait();
  return {status, program.output(), program.errors()};
}

finished_process curl(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"curl",      "-q", "--silent",   "--show-error",
                               "--noproxy", "*",  "--max-time", "90"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_process(all);
}

} // namespace sake::test
