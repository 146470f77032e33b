#include "middleman_settings.hpp"

#include "envelope_message.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/timespan.hpp>

#include <cstddef>

namespace sake::actors::nodes {

void load_middleman(caf::actor_system_config& config) {
  config.load<caf::io::middleman>();
  config.add_message_type<envelope_message>("sake::envelope");
  // Messages are read on the multiplexer's thread, in order, rather than by workers of CAF.
  config.set("middleman.workers", std::size_t{0});
  // A heartbeat of CAF cuts a stream that is still connecting; nodes have their own.
  config.set("middleman.heartbeat-interval", caf::timespan{0});
  config.set("middleman.enable-automatic-connections", false);
}

} // namespace sake::actors::nodes
