'use strict';
// The points at which a fault was found, and mended: they run each time, by the names of their scenarios.
module.exports = {};
