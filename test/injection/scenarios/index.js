'use strict';
// A scenario is a call of the library, with what it needs:
//   operation  what the message of its errors has to match, where it is not one of many steps that fails
//   errors     the classes that they may have
//   cold       each point has a process of its own, in which nothing has happened yet
//   once       it cannot be called twice in one scene
//   setup      makes the scene, which run and the others get; namespaces of it are closed at the end
//   run        the call
//   undo       takes back what it did
//   restore    takes back what it may have done, and it is no fault if that is nothing
//   look       what another program reports of the scene: the same before a call and after its rejection
//   done       whether what was rejected at this point may be done nevertheless
//   teardown   the end of the scene
module.exports = {
  ...require('./namespaces'),
  ...require('./objects'),
  ...require('./events'),
  ...require('./sockets'),
  ...require('./processes'),
  ...require('./firewall'),
  ...require('./labs'),
  ...require('./networks'),
};
