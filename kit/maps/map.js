// Drawn into a folium map by kit.maps.folium_map. Text from data only ever goes through textContent.
// KIT = {levels: [{id, name, svg, ring, n}], names, units, sectors, accidents, ids, note, title, bounds}
// A row is [lat, lon, level, name, unit, sector, accident, id]: numbers only, places in the lists above.
// Texts come as one string each, a line for each text: quotes around every one would double the size of the page.
function kitPrepare(kit) {
  ['names', 'units', 'sectors', 'accidents', 'ids'].forEach(function (key) { kit[key] = kit[key].split('\n'); });
  return kit;
}
function kitText(tag, text, cls) {
  var el = document.createElement(tag);
  if (cls) { el.className = cls; }
  el.textContent = text;
  return el;
}
function kitIcon(level) {
  if (!level.icon) {
    level.icon = L.divIcon({className: 'kit-point', html: level.svg, iconSize: [16, 16], iconAnchor: [8, 8]});
  }
  return level.icon;
}
function kitMarker(row, kit) {
  var level = kit.levels[row[2]], name = kit.names[row[3]];
  var marker = L.marker([row[0], row[1]], {icon: kitIcon(level), alt: level.name + ' ' + name, kitLevel: row[2]});
  marker.bindTooltip(function () { return kitText('span', name + '（' + level.name + '）'); });
  marker.bindPopup(function () {
    var box = document.createElement('div');
    box.className = 'kit-popup';
    box.appendChild(kitText('b', name));
    [['等级', level.name], ['单位', kit.units[row[4]]], ['行业', kit.sectors[row[5]]],
      ['事故类型', kit.accidents[row[6]]], ['编号', kit.ids[row[7]]]].forEach(function (pair) {
      var line = document.createElement('div');
      line.appendChild(kitText('span', pair[0] + '：', 'k'));
      line.appendChild(kitText('span', pair[1]));
      box.appendChild(line);
    });
    return box;
  }, {maxWidth: 280});
  return marker;
}
function kitClusterIcon(cluster, kit) {
  var counts = kit.levels.map(function () { return 0; });
  cluster.getAllChildMarkers().forEach(function (m) { counts[m.options.kitLevel] += 1; });
  var total = cluster.getChildCount(), from = 0, stops = [], words = [];
  counts.forEach(function (n, i) {
    if (!n) { return; }
    var to = from + 100 * n / total;
    stops.push(kit.levels[i].ring + ' ' + from.toFixed(1) + '% ' + to.toFixed(1) + '%');
    words.push(kit.levels[i].name + n);
    from = to;
  });
  var size = total < 10 ? 30 : total < 100 ? 36 : 44;
  return L.divIcon({
    className: 'kit-cluster', iconSize: [size, size],
    html: '<div class="ring" role="img" aria-label="' + words.join('，') + '" title="' + words.join('，') +
      '" style="background:conic-gradient(' + stops.join(',') + ')"><span>' + total + '</span></div>'
  });
}
function kitLegend(map, cluster, kit) {
  var all = cluster ? cluster.getLayers() : [], on = kit.levels.map(function () { return true; });
  var legend = L.control({position: 'bottomright'});
  legend.onAdd = function () {
    var box = L.DomUtil.create('div', 'kit-legend');
    L.DomEvent.disableClickPropagation(box);
    box.appendChild(kitText('b', kit.title));
    kit.levels.forEach(function (level, i) {
      var row = document.createElement('label'), tick = document.createElement('input');
      var mark = document.createElement('span');
      tick.type = 'checkbox';
      tick.checked = true;
      mark.innerHTML = level.svg; // fixed drawing of the kit, no data
      tick.addEventListener('change', function () {
        on[i] = tick.checked;
        cluster.clearLayers();
        cluster.addLayers(all.filter(function (m) { return on[m.options.kitLevel]; }));
      });
      row.appendChild(tick);
      row.appendChild(mark);
      row.appendChild(kitText('span', level.name, 'n'));
      row.appendChild(kitText('span', String(level.n), 'c'));
      box.appendChild(row);
    });
    box.appendChild(kitText('div', kit.note, 'note'));
    return box;
  };
  legend.addTo(map);
}
function kitNorth(map) {
  var north = L.control({position: 'topleft'});
  north.onAdd = function () {
    var box = L.DomUtil.create('div', 'kit-north');
    box.innerHTML = '<svg width="26" height="36" viewBox="0 0 26 36" role="img" aria-label="指北针：上方为北">' +
      '<path d="M13 12 20 34 13 29 6 34Z" fill="#1f3a5f"/><path d="M13 12 6 34 13 29Z" fill="#fff" stroke="#1f3a5f"/>' +
      '<text x="13" y="10" text-anchor="middle" font-size="11" font-weight="700" fill="#1f3a5f">N</text></svg>';
    return box;
  };
  north.addTo(map);
}
// A frame may have no width yet when its script runs: the area is fitted when there is room for the first time.
function kitFit(map, bounds) {
  var fitted = false;
  function fit() {
    map.invalidateSize({animate: false});
    if (!fitted && map.getSize().x > 40 && map.getSize().y > 40) {
      fitted = true;
      map.fitBounds(bounds, {padding: [10, 10], animate: false});
    }
  }
  fit();
  if (window.ResizeObserver) { new ResizeObserver(fit).observe(map.getContainer()); } else { window.addEventListener('resize', fit); }
}
function kitSetup(map, cluster, kit) {
  kit.map = map;
  kit.cluster = cluster;
  L.control.scale({imperial: false, maxWidth: 140}).addTo(map);
  kitNorth(map);
  kitLegend(map, cluster, kit);
  kitFit(map, kit.bounds);
  map.getContainer().setAttribute('aria-label', kit.title);
}
