#include "signal_watch.hpp"

#include <csignal>
#include <utility>

namespace sake {

void signal_watch::ignore_write_signals() {
  actions_.ignore_default(SIGPIPE);
  actions_.ignore_default(SIGXFSZ);
}

void signal_watch::start(reactions chosen) {
  reactions_ = std::move(chosen);
  if (reactions_.hangup) {
    actions_.keep(SIGHUP);
    hangups_.add(SIGHUP);
    await_hangup();
  }
  for (const int number : {SIGINT, SIGTERM}) {
    actions_.keep(number);
    terminations_.add(number);
  }
  await_termination();
}

void signal_watch::await_termination() {
  terminations_.async_wait([this](const boost::system::error_code& ec, int number) {
    if (ec)
      return;
    reactions_.end(number == SIGINT ? "SIGINT" : "SIGTERM");
    terminations_.async_wait([this](const boost::system::error_code& again, int) {
      if (!again)
        reactions_.end_at_once();
    });
  });
}

void signal_watch::await_hangup() {
  hangups_.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec)
      return;
    reactions_.hangup();
    await_hangup();
  });
}

void signal_watch::stop() noexcept {
  boost::system::error_code ignored;
  terminations_.clear(ignored);
  hangups_.clear(ignored);
  actions_.give_back();
}

} // namespace sake
