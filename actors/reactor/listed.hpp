// List hooks that unlink themselves when destroyed.
#pragma once

#include <boost/intrusive/list.hpp>

namespace sake::actors {

/// A hook for the list named by `Tag`. Unlinks itself when destroyed.
template <class Tag>
using listed =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A list of objects that have such a hook.
template <class T, class Tag>
using list_of = boost::intrusive::list<T, boost::intrusive::base_hook<listed<Tag>>,
                                       boost::intrusive::constant_time_size<false>>;

} // namespace sake::actors
