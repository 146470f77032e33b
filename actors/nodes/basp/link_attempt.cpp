#include "link_attempt.hpp"

#include <utility>

namespace sake::actors::nodes {

link_attempt::link_attempt(reactor& home, caf::actor_system& system, link_side own,
                           std::string peer)
    : reactor_(home),
      system_(system),
      side_(own),
      peer_(std::move(peer)),
      handshake_(home, *this) {}

// The link of a node that has dialled this one belongs to the host already.
link_attempt::~link_attempt() {
  if (link_ != nullptr && side_ == link_side::dialled)
    link_->cut();
}

void link_attempt::set_ways(run_later later, forget end) {
  later_ = std::move(later);
  forget_ = std::move(end);
}

void link_attempt::on_done(std::unique_ptr<link_channel> channel,
                           std::shared_ptr<link_owner> owner) {
  link_ = basp_link::make(system_, peer_, owner, [this, later = later_](std::string problem) {
    later([this, problem = std::move(problem)]() mutable { settle(std::move(problem)); });
  });
  on_made(link_, owner);
  reactor_.arm(*this, reactor_.exact_now() + basp_limit);
  link_->start(std::move(channel), side_);
}

void link_attempt::on_failed(std::string reason, const std::shared_ptr<link_owner>& admitted,
                             bool is_refused) {
  if (admitted != nullptr)
    admitted->on_down();
  on_not_opened(std::move(reason), is_refused);
  const auto end = std::move(forget_);
  end();
}

void link_attempt::expired(time_point) {
  link_->cut();
  settle("no BASP handshake within 2 s");
}

// Destroys the attempt.
void link_attempt::settle(std::string problem) {
  if (auto made = std::exchange(link_, nullptr); problem.empty())
    on_opened(std::move(made));
  else
    on_not_opened(std::move(problem), false);
  const auto end = std::move(forget_);
  end();
}

} // namespace sake::actors::nodes
