#include "resolver.hpp"

#include "../node_address.hpp"

#include <algorithm>
#include <cstring>

#include <netdb.h>

namespace sake::actors::nodes {

namespace {

struct result {
  std::vector<std::string> addresses;
  std::string problem;
};

void add(std::vector<std::string>& to, const addrinfo& found) {
  sockaddr_storage octets{};
  std::memcpy(&octets, found.ai_addr, found.ai_addrlen);
  if (const auto address = node_address::of(octets)) {
    auto text = address->to_string();
    if (std::find(to.begin(), to.end(), text) == to.end())
      to.push_back(std::move(text));
  }
}

result look_up(const std::string& host_and_port_text) {
  const auto parts = host_and_port::parse(host_and_port_text);
  if (!parts || parts->host.empty())
    return {{}, "an address of a node is host:port"};
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(parts->host.c_str(), parts->port.c_str(), &wanted, &found);
      error != 0)
    return {{}, ::gai_strerror(error)};
  result all;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
    add(all.addresses, *each);
  ::freeaddrinfo(found);
  return all;
}

} // namespace

resolver::~resolver() {
  alive_ = nullptr;
  {
    const std::lock_guard lock{mutex_};
    tasks_.clear();
  }
  if (thread_.joinable())
    thread_.join();
}

void resolver::resolve(std::string host_and_port, answer then) {
  const std::lock_guard lock{mutex_};
  tasks_.push_back({std::move(host_and_port), std::move(then)});
  if (is_running_)
    return;
  // The last thread has found no task, and needs the lock no more.
  if (thread_.joinable())
    thread_.join();
  is_running_ = true;
  thread_ = std::thread{[this, alive = std::weak_ptr{alive_}] { run(alive); }};
}

void resolver::run(const std::weak_ptr<int>& alive) {
  for (;;) {
    task next;
    {
      const std::lock_guard lock{mutex_};
      if (tasks_.empty()) {
        is_running_ = false;
        return;
      }
      next = std::move(tasks_.front());
      tasks_.pop_front();
    }
    auto found = look_up(next.host_and_port);
    reactor_.post([alive, then = std::move(next.then), found = std::move(found)] {
      if (!alive.expired())
        then(found.addresses, found.problem);
    });
  }
}

} // namespace sake::actors::nodes
