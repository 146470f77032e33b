// The messages that actors of Sake exchange. They stay on their node.
#pragma once

#include "../../http/request.hpp"
#include "../../http/response.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

// A request is answered by a response, or by a caf::error.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sake::http::request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sake::http::response)
